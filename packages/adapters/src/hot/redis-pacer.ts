// Decides when each reservation of a shared pace may be sent, on the clock of Redis, so that any number of workers share it.
// Leaves the waiting, and letting go of a reservation whose moment was missed, to the caller.

import {
  InvalidInputError,
  PACE_PREFIX,
  type Pacer,
  type Reservation,
  SEND_TOLERANCE_MS,
} from "@steward/core";
import type { RedisConnection } from "./redis-connection.ts";
import { redisScript, runScript } from "./redis-script.ts";

/** A second, and the lateness that a send may have. */
const WINDOW_MICROSECONDS = 1_000_000 + SEND_TOLERANCE_MS * 1_000;
/** Reservations this close together are remembered as one, so that a second is at most some 200 entries. */
const GRAIN_MICROSECONDS = 5_000;
const SCOPE = /^[a-z0-9:-]{1,200}$/;

/**
 * KEYS: the scope's schedule, a list of `first:last:units:next`, newest first: some reservations, when the first and the
 * last of them may be sent, their units, and when the next may be sent to be evenly spaced.
 * ARGV: units, units a second, window and grain in microseconds.
 * A moment that has passed is never given: the schedule goes on from now. What no longer shares a window with what is to
 * come is dropped. Answers the wait in microseconds.
 */
const RESERVE = redisScript(`
local units, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local window, grain = tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local start, total, newest = now, units, nil
for _, entry in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  local first, last, sent, free = string.match(entry, '(%d+):(%d+):(%d+):(%d+)')
  if not newest then
    newest = {first = tonumber(first), sent = tonumber(sent)}
    start = math.max(start, tonumber(free))
  end
  total = total + sent
  if total > rate then
    start = math.max(start, last + window)
    break
  end
end
local free = start + math.ceil(units * 1000000 / rate)
if newest and start - newest.first < grain then
  redis.call('LSET', KEYS[1], 0, string.format('%.0f:%.0f:%.0f:%.0f', newest.first, start, newest.sent + units, free))
else
  redis.call('LPUSH', KEYS[1], string.format('%.0f:%.0f:%.0f:%.0f', start, start, units, free))
end
while true do
  local oldest = redis.call('LINDEX', KEYS[1], -1)
  if tonumber(string.match(oldest, '%d+:(%d+)')) + window > start then break end
  redis.call('RPOP', KEYS[1])
end
redis.call('PEXPIRE', KEYS[1], math.ceil((free - now + window) / 1000))
return start - now
`);

/**
 * A schedule a scope. Over any second at most `unitsPerSecond` are sent, by all workers together, as long as each send is
 * at most SEND_TOLERANCE_MS late; while there is work, at least 98 % of it.
 * At 1,000 a second, ten reservations of 100 wait 0, 100, 200 … 900 ms; the eleventh waits 1,010 ms.
 */
export class RedisPacer implements Pacer {
  readonly #connection: RedisConnection;

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  async reserve(scope: string, units: number, unitsPerSecond: number): Promise<Reservation> {
    if (!SCOPE.test(scope)) throw new InvalidInputError("pacer: scope must be 1 to 200 of a-z, 0-9, : and -");
    if (!Number.isSafeInteger(units) || units < 1 || !(units <= unitsPerSecond)) {
      throw new InvalidInputError(
        `pacer: units must be a whole number from 1 to the units of a second (${unitsPerSecond}), not ${units}`,
      );
    }
    const settings = [units, unitsPerSecond, WINDOW_MICROSECONDS, GRAIN_MICROSECONDS].map(String);
    const wait = await this.#connection.run((client) =>
      runScript(client, RESERVE, [`${PACE_PREFIX}${scope}`], settings),
    );
    return { waitMs: Number(wait) / 1_000 };
  }
}
