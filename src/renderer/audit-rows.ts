import { MAX_AUDIT_PAGE, type AuditPage, type AuditRow } from '../shared/ipc/audit-calls';

/** So many pages are kept: 4,000 rows, far more than are on the screen. */
const MAX_PAGES = 20;

/** Asks the main process for a page. */
export type AskForRows = (from: number, count: number) => Promise<AuditPage>;

/** The rows of one look at the log, as far as they are near the screen. Positions are counted from the oldest. */
export class AuditRows {
  private readonly pages = new Map<number, readonly AuditRow[]>();
  private readonly listeners = new Set<() => void>();
  private wanted: readonly { readonly page: number; readonly length: number }[] = [];
  private pinned: number | null = null;
  private isAsking = false;
  private changes = 0;

  constructor(
    private readonly ask: AskForRows,
    /** Called once the main process does not know this look any more. */
    private readonly onRenumbered: () => void,
  ) {}

  /** Null while it is being read. */
  rowAt(position: number): AuditRow | null {
    return this.pages.get(Math.floor(position / MAX_AUDIT_PAGE))?.[position % MAX_AUDIT_PAGE] ?? null;
  }

  /** The rows on the screen now, both included; those that were wanted before and are not here yet are given up. */
  want(first: number, last: number): void {
    const pages: { readonly page: number; readonly length: number }[] = [];
    for (let page = Math.floor(last / MAX_AUDIT_PAGE); page >= Math.floor(first / MAX_AUDIT_PAGE); page -= 1)
      pages.push({ page, length: Math.min(MAX_AUDIT_PAGE, last - page * MAX_AUDIT_PAGE + 1) });
    this.wanted = pages;
    void this.read();
  }

  /** That row stays, however far away the screen is; null for none. */
  pin(position: number | null): void {
    this.pinned = position === null ? null : Math.floor(position / MAX_AUDIT_PAGE);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  /** Grows with each change. */
  readonly version = (): number => this.changes;

  private async read(): Promise<void> {
    if (this.isAsking) return;
    this.isAsking = true;
    try {
      for (let next = this.missing(); next !== undefined; next = this.missing()) {
        const answer = await this.ask(next * MAX_AUDIT_PAGE, MAX_AUDIT_PAGE);
        if (answer.kind === 'renumbered') {
          this.onRenumbered();
          return;
        }
        const before = this.pages.get(next)?.length ?? 0;
        this.keep(next, answer.rows);
        // Nothing more is to be had: asking again would not end.
        if (answer.rows.length <= before) return;
      }
    } finally {
      this.isAsking = false;
    }
  }

  private missing(): number | undefined {
    return this.wanted.find(({ page, length }) => (this.pages.get(page)?.length ?? 0) < length)?.page;
  }

  private keep(page: number, rows: readonly AuditRow[]): void {
    this.pages.delete(page);
    this.pages.set(page, rows);
    for (const oldest of this.pages.keys()) {
      if (this.pages.size <= MAX_PAGES) break;
      if (oldest !== this.pinned) this.pages.delete(oldest);
    }
    this.changes += 1;
    for (const listener of this.listeners) listener();
  }
}
