// Decides, inside Redis, whether a tag's fences are known to be whole: its guard says of which life of the server.

import { redisScript } from "./redis-script.ts";

/**
 * One life of a server as master: its replication id, new after each start and each promotion. A replica that took over
 * may lack the last fences that were acknowledged, and so does a master that lost its place and won it back; its run id
 * would be the same then. Reading it costs about 3 µs, a batch of 100 records about 500 (Redis 7.0.15).
 */
export const LIFE_LUA = `local function lifeOfServer()
  return string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
end`;

/**
 * KEYS: the guard, then every fence that was applied before. ARGV: the life of the server that applied them ('': none was).
 * Answers how many replicas follow, or -1 when that life has ended or a fence is gone: then nothing is set.
 */
export const SET_GUARD = redisScript(`${LIFE_LUA}
local life = lifeOfServer()
if ARGV[1] ~= '' and ARGV[1] ~= life then return -1 end
for first = 2, #KEYS, 1000 do
  local last = math.min(first + 999, #KEYS)
  if redis.call('EXISTS', unpack(KEYS, first, last)) < last - first + 1 then return -1 end
end
redis.call('SET', KEYS[1], life)
local _, following = string.gsub(redis.call('INFO', 'replication'), 'state=online', '')
return following
`);

/** KEYS: the guard. 1: the tag's fences are whole. */
export const IS_GUARDED = redisScript(`${LIFE_LUA}
if redis.call('GET', KEYS[1]) == lifeOfServer() then return 1 end
return 0
`);
