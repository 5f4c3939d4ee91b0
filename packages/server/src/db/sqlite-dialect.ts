/** Kysely on `node:sqlite`: one connection, synchronous underneath. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { type Dialect, SqliteAdapter, SqliteDialect, type SqliteStatement } from 'kysely';

/** Most prepared statements kept; the service has about a hundred different queries. */
const KEPT_STATEMENTS = 256;

/** SQLite rolls back changes of tables like any other change, so all new steps of a start happen or none does. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/**
 * Makes a Kysely dialect of an open `node:sqlite` connection, which it closes when Kysely is destroyed.
 * @param connection open connection that nobody else uses
 */
export function nodeSqliteDialect(connection: DatabaseSync): Dialect {
  const kept = new Map<string, SqliteStatement>();
  const prepare = (query: string): SqliteStatement => {
    const statement = connection.prepare(query);
    const values = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[];
    return {
      reader: statement.columns().length > 0,
      all: (parameters) => statement.all(...values(parameters)),
      run: (parameters) => statement.run(...values(parameters)),
      iterate: (parameters) => statement.iterate(...values(parameters)),
    };
  };
  const dialect = new SqliteDialect({
    database: {
      close: () => {
        kept.clear();
        connection.close();
      },
      prepare: (query) => {
        const known = kept.get(query);
        if (known) return known;
        const statement = prepare(query);
        if (kept.size >= KEPT_STATEMENTS) kept.clear();
        kept.set(query, statement);
        return statement;
      },
    },
  });
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => dialect.createDriver(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  };
}
