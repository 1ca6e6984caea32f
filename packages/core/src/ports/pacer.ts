// One pace for all workers of a group, wherever they run.

export interface Reservation {
  /** How long to wait before the reserved units may be sent. */
  readonly waitMs: number;
}

/** A send may be so late after its reserved moment; later than that, the reservation is forfeited and another is made. */
export const SEND_TOLERANCE_MS = 10;

export interface Pacer {
  /** Reserves `units` (records at their call's own weight) of a scope in an evenly spaced schedule of `unitsPerSecond`,
   * shared by all workers. A reservation is not refunded. @throws UnavailableError when the schedule cannot be reached:
   * then nothing may be sent. */
  reserve(scope: string, units: number, unitsPerSecond: number): Promise<Reservation>;
}
