/**
 * One line of the access log. Redacted by construction: there is no member that could carry a header, a query, a body, or a path as it was
 * sent, only the template of the route.
 */
export interface LogLine {
  readonly time_micros: number;
  readonly request: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly micros: number;
  readonly key_id?: string;
  readonly decision?: string;
  readonly log_index?: number;
  /** Code of the failure that was answered. */
  readonly code?: string;
  /** Why a credential was refused. */
  readonly reason?: string;
  /** Of defects and unknown errors only. */
  readonly stack?: readonly string[];
}

export type WriteLog = (line: LogLine) => void;
