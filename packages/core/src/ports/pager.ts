// How a person is told that a group needs them. Words hold names, instants and counts: never an identifier, never a value.

export interface Page {
  /** Two pages with one id are one call for help: a page may be sent again after a kill. */
  readonly pageId: string;
  readonly incidentId: string;
  /** Null: the platform itself. */
  readonly group: string | null;
  /** One line. */
  readonly subject: string;
  /** What, since when, what was tried, what to do. */
  readonly text: string;
  /** The page of the docs to go on from. */
  readonly runbook: string;
}

export interface Pager {
  /** Returns once the page is on its way; the same page again sends nothing where the pager can tell. */
  page(page: Page): Promise<void>;
}
