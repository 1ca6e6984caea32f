// Decides, inside Redis, whether a tag's fences are known to be whole: its guard says of which life of the server.

import { redisScript } from "./redis-script.ts";

/**
 * One life of a server as master. `run_id` is new after each start, `master_replid` after each promotion: a replica that
 * took over may lack the last fences that were acknowledged, and so does a master that lost its place and won it back.
 * Reading both costs about 7 µs, a batch of 100 records about 500 (Redis 7.0.15; both sections in one call need 7.0).
 */
export const LIFE_LUA = `local function lifeOfServer()
  local info = redis.call('INFO', 'server', 'replication')
  return string.match(info, 'run_id:(%x+)') .. '.' .. string.match(info, 'master_replid:(%x+)')
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
