// Decides, inside Redis, what a fence removes and how it rises: values dated at or before it go, a higher fence stays.

import { LIFE_LUA } from "./guard-scripts.ts";
import { redisScript } from "./redis-script.ts";

/**
 * KEYS: the tag's fences, then for each subject its value in each group.
 * ARGV: the number of groups, then for each subject its field and its new fence (8-byte big-endian ms).
 * The higher of the new and the standing fence decides. Bytes too short for an event time go. Answers the server's life.
 */
export const APPLY_FENCES = redisScript(`${LIFE_LUA}
local groups = tonumber(ARGV[1])
for subject = 1, (#ARGV - 1) / 2 do
  local first = (subject - 1) * groups + 1
  local field, fence = ARGV[2 * subject], ARGV[2 * subject + 1]
  local untilMs = struct.unpack('>i8', fence)
  local standing = redis.call('HGET', KEYS[1], field)
  if standing and struct.unpack('>i8', standing) >= untilMs then
    untilMs = struct.unpack('>i8', standing)
  else
    redis.call('HSET', KEYS[1], field, fence)
  end
  for group = 1, groups do
    local value = redis.call('GET', KEYS[first + group])
    if value and (#value < 8 or struct.unpack('>i8', value) <= untilMs) then
      redis.call('UNLINK', KEYS[first + group])
    end
  end
end
return lifeOfServer()
`);
