/** SQLite's result code for "somebody else holds the lock". */
const SQLITE_BUSY = 5;

/** Whether a database could not be used because somebody else holds it. @param error as `node:sqlite` throws it */
export function isBusy(error: unknown): boolean {
  return (error as { errcode?: number }).errcode === SQLITE_BUSY;
}
