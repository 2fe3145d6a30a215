import type { Log, LogFields, LogLevel } from "../../supabase/functions/_shared/http/log.ts";

export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** A log that keeps its entries. */
export function createLogRecorder(): { readonly log: Log; readonly entries: readonly LogEntry[] } {
  const entries: LogEntry[] = [];
  const log: Log = (level, message, fields = {}) => void entries.push({ level, message, fields });
  return { log, entries };
}
