// Decides, inside Redis, which records of a batch are written. One tag, one slot, one atomic script.
// Times are compared as numbers: Lua's `<` on strings follows the locale.

import type { HotOutcome } from "@steward/core";
import { GUARD_FIELD, LIFE_LUA } from "./guard-scripts.ts";
import { FIELD_CHARS } from "./hot-key.ts";
import { redisScript } from "./redis-script.ts";

/**
 * KEYS: the tag's fences, then the value of each record.
 * ARGV: the values, each after its length (4 bytes, big-endian); then, where the group has a ttl, the remaining lives in ms
 * with a comma between. Few arguments cost client and server less than one for each.
 * Answers one letter a record, or nothing at all when the guard is gone, or of another life of the server. Most tags have
 * no fence. A record's field is the part of its key that follows as much as the fences' own key has; all fences are taken at
 * once, for a hash of some hundred fields is a list, in which each is looked for from the front.
 * A value's first 8 bytes are its event time; bytes too short for one give way.
 */
export const FENCED_WRITE = redisScript(`${LIFE_LUA}
local call, read, tag = redis.call, struct.unpack, KEYS[1]
if call('HGET', tag, '${GUARD_FIELD}') ~= lifeOfServer() then return '' end
local n = #KEYS - 1
local fences, before = false, #tag
if call('HLEN', tag) > 1 then
  fences = {}
  local all = call('HGETALL', tag)
  for f = 1, #all, 2 do fences[all[f]] = all[f + 1] end
end
local olds = call('MGET', unpack(KEYS, 2, n + 1))
local values, at = ARGV[1], 1
local nextLife = ARGV[2] and string.gmatch(ARGV[2], '%d+')
local outcomes, sets, s = {}, {}, 0
for i = 1, n do
  local old, life, new = olds[i], nextLife and nextLife()
  new, at = read('>I4c0', values, at)
  local fence = fences and fences[string.sub(KEYS[1 + i], before + 1, before + ${FIELD_CHARS})]
  if fence and read('>i8', new) <= read('>i8', fence) then
    outcomes[i] = 's'
  elseif old and #old >= 8 and old ~= new and read('>i8', new) <= read('>i8', old) then
    outcomes[i] = 'k'
  else
    if life then
      call('SET', KEYS[1 + i], new, 'PX', life)
    else
      sets[s + 1], sets[s + 2], s = KEYS[1 + i], new, s + 2
    end
    outcomes[i] = 'w'
  end
end
if s > 0 then call('MSET', unpack(sets)) end
return table.concat(outcomes)
`);

const OUTCOMES: Readonly<Record<string, HotOutcome>> = { w: "written", k: "newerKept", s: "suppressed" };

/** The outcome of the record at `position` of the batch, from the script's answer. */
export function toOutcome(answer: string, position: number): HotOutcome {
  if (answer.length === 0) return "unguarded";
  const outcome = OUTCOMES[answer.charAt(position)];
  if (outcome === undefined) throw new RangeError(`fenced write answered no outcome for record ${position}`);
  return outcome;
}
