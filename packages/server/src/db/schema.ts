/** The tables as TypeScript sees them. Times are ms since the epoch; booleans are 0 or 1; user ids are numbers below 2^52. */
import type { CallOutcome, CallType, DiagnosisCode } from '@ringdown/protocol';

/** 0 or 1, since SQLite has no booleans. */
type Flag = number;

interface UsersTable {
  /** Random, so that ids cannot be walked (OF-2). */
  id: number;
  /** The id an embedding application knows this person by. */
  external_id: string | null;
  username: string;
  /** What makes a name unique, see `usernameKey`. */
  username_key: string;
  /** See `Passwords.hash`. */
  password_hash: string;
  avatar: string;
  do_not_disturb: Flag;
  hide_busy: Flag;
  hide_address: Flag;
  created_at: number;
}

interface AuthSessionsTable {
  /** The `sid` claim of this session's access tokens. */
  id: string;
  user_id: number;
  /** SHA-256 of the part of the refresh token that stays the same, hex. */
  family_hash: string;
  /** SHA-256 of the refresh token that is good now, hex. */
  refresh_hash: string;
  /** SHA-256 of the one before, hex; null before the first rotation. */
  previous_hash: string | null;
  /** From the previous token, this makes the present one; null before the first rotation. */
  successor_salt: string | null;
  rotated_at: number;
  created_at: number;
  expires_at: number;
}

interface FriendshipsTable {
  /** The smaller id of the two. */
  low_id: number;
  high_id: number;
  created_at: number;
}

interface FriendRequestsTable {
  from_id: number;
  to_id: number;
  /** 1 when the receiver had blocked the sender: only the sender sees it (BL-1). */
  hidden: Flag;
  created_at: number;
}

interface BlocksTable {
  blocker_id: number;
  blocked_id: number;
  created_at: number;
}

interface GroupsTable {
  /** `g_…` */
  id: string;
  name: string;
  owner_id: number;
  created_at: number;
}

interface GroupMembersTable {
  group_id: string;
  user_id: number;
  membership: 'member' | 'invited';
  /** Who invited; null for the creator. */
  invited_by: number | null;
  /** 1 when the invited person had blocked who invites: that person never sees it (BL-1). */
  hidden: Flag;
  /** When invited, and after the acceptance when accepted. */
  since: number;
}

interface CallRecordsTable {
  call_id: string;
  caller_id: number;
  callee_id: number;
  call_type: CallType;
  conversation_id: string | null;
  started_at: number;
  ringing_at: number | null;
  answered_at: number | null;
  ended_at: number;
  ended_by: 'caller' | 'callee' | 'service';
  reason: string | null;
  caller_outcome: CallOutcome;
  /** JSON of QualityMetrics. */
  caller_quality: string | null;
  /** Null when the callee must never learn of the attempt (BL-1). */
  callee_outcome: CallOutcome | null;
  callee_quality: string | null;
  connected_at: number | null;
  caller_diagnosis: DiagnosisCode | null;
  callee_diagnosis: DiagnosisCode | null;
  /** JSON of the call's steps, a list; the last column, so that a page of history need not read it. */
  timeline: string;
}

/** The database. */
export interface Tables {
  users: UsersTable;
  auth_sessions: AuthSessionsTable;
  friendships: FriendshipsTable;
  friend_requests: FriendRequestsTable;
  blocks: BlocksTable;
  groups: GroupsTable;
  group_members: GroupMembersTable;
  call_records: CallRecordsTable;
}
