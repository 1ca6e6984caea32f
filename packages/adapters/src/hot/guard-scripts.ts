// Decides, inside Redis, whether a tag's fences are known to be whole: the guard among them says of which life of the server.

import { redisScript } from "./redis-script.ts";

/**
 * One life of a server as master: its replication id, new after each start and each promotion. A replica that took over
 * may lack the last fences that were acknowledged, and so does a master that lost its place and won it back; its run id
 * would be the same then. Reading it costs about 3 µs, a batch of 100 records about 500 (Redis 7.0.15).
 */
export const LIFE_LUA = `local function lifeOfServer()
  return string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
end`;

/** The guard's field. A fence's is 61 digits. */
export const GUARD_FIELD = "life";

/**
 * KEYS: the tag's fences. ARGV: the life of the server that applied those of before ('': none was), then their fields.
 * Answers how many replicas follow, or -1 when that life has ended or a fence is gone: then nothing is set.
 */
export const SET_GUARD = redisScript(`${LIFE_LUA}
local life = lifeOfServer()
if ARGV[1] ~= '' and ARGV[1] ~= life then return -1 end
for first = 2, #ARGV do
  if redis.call('HEXISTS', KEYS[1], ARGV[first]) == 0 then return -1 end
end
redis.call('HSET', KEYS[1], '${GUARD_FIELD}', life)
local _, following = string.gsub(redis.call('INFO', 'replication'), 'state=online', '')
return following
`);

/** KEYS: the tag's fences. 1: they are whole. */
export const IS_GUARDED = redisScript(`${LIFE_LUA}
if redis.call('HGET', KEYS[1], '${GUARD_FIELD}') == lifeOfServer() then return 1 end
return 0
`);
