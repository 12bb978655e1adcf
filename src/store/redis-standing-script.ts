import { createHash } from 'node:crypto'
import type { Script } from './redis'

/**
 * Writes what one batch has for one bucket, as one step: either everything and the position that it leads to, or nothing.
 * A batch from before the position changes nothing, one from beyond it is refused: something in between was lost.
 *
 * Keys: the positions, the newest verdicts, the newest clusters, then those of each operation. Arguments: the log, where the
 * batch begins and ends, seconds to keep, the five caps, then each operation's name and its arguments.
 */
const lua = `
local log, from, to, keep = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local mostNewest, mostOfAccount = tonumber(ARGV[5]), tonumber(ARGV[6])
local mostOfCluster, mostCorrections = tonumber(ARGV[7]), tonumber(ARGV[8])
local mostRevisions = tonumber(ARGV[9])
local at = tonumber(redis.call('HGET', KEYS[1], log) or '0')
if at < from then return {'behind', at} end
if at >= to then return {'applied', at} end

local nextKey, nextArg = 4, 10
local function key() nextKey = nextKey + 1 return KEYS[nextKey - 1] end
local function arg() nextArg = nextArg + 1 return ARGV[nextArg - 1] end
-- Minus nothing would be written as -0, which is no number to Redis.
local function whole(number) return string.format('%.0f', number + 0) end

local function verdict()
  local place, id, revision, position, summary, json = key(), arg(), tonumber(arg()), arg(), arg(), arg()
  if revision <= tonumber(redis.call('HGET', place, 'revision') or '0') then return end
  local earlier, before = redis.call('HGET', place, 'revision'), redis.call('HGET', place, 'json')
  redis.call('HSET', place, 'revision', revision, 'summary', summary, 'json', json)
  if before then redis.call('HSET', place, 'revision|' .. earlier, before) end
  -- After the writes that a full Redis refuses: behind one that it takes, it would take them all.
  redis.call('HDEL', place, 'revision|' .. whole(revision - mostRevisions))
  redis.call('EXPIRE', place, keep)
  redis.call('ZADD', KEYS[2], position, id)
  redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -mostNewest - 1)
end

-- A value is revision|position|JSON.
local function concern()
  local place, id, revision, position, json = key(), arg(), arg(), arg(), arg()
  local known = redis.call('HGET', place, id)
  if known and tonumber(string.match(known, '^(%d+)|')) >= tonumber(revision) then return end
  redis.call('HSET', place, id, revision .. '|' .. position .. '|' .. json)
  redis.call('EXPIRE', place, keep)
  if redis.call('HLEN', place) <= mostOfAccount then return end
  local all, oldest, oldestAt = redis.call('HGETALL', place), nil, nil
  for i = 1, #all, 2 do
    local position = tonumber(string.match(all[i + 1], '^%d+|(%d+)|'))
    if oldestAt == nil or position < oldestAt then oldest, oldestAt = all[i], position end
  end
  redis.call('HDEL', place, oldest)
end

local function cluster()
  local place, verdicts, id, position, verdictId, json = key(), key(), arg(), arg(), arg(), arg()
  redis.call('ZADD', verdicts, 'GT', position, verdictId)
  redis.call('ZREMRANGEBYRANK', verdicts, 0, -mostOfCluster - 1)
  redis.call('EXPIRE', verdicts, keep)
  if tonumber(redis.call('HGET', place, 'position') or '-1') >= tonumber(position) then return end
  redis.call('HSET', place, 'position', position, 'json', json)
  redis.call('EXPIRE', place, keep)
  redis.call('ZADD', KEYS[3], position, id)
  redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -mostNewest - 1)
end

-- A value is position|raw|authentic|disputed|JSON, and totals are the sums of the values that are there.
local function correction()
  local rows, hours, totals = key(), key(), key()
  local member, hour, position, raw, authentic, disputed, json = arg(), arg(), arg(), arg(), arg(), arg(), arg()
  local function count(member, sign, raw, authentic, disputed)
    local kind = string.match(member, '^[^|]*')
    redis.call('HINCRBY', totals, kind .. '|raw', whole(sign * raw))
    redis.call('HINCRBY', totals, kind .. '|authentic', whole(sign * authentic))
    redis.call('HINCRBY', totals, kind .. '|disputed', whole(sign * disputed))
  end
  local function uncount(member, value)
    count(member, -1, string.match(value, '^%d+|(%d+)|(%d+)|(%d+)|'))
  end
  local known = redis.call('HGET', rows, member)
  if known and tonumber(string.match(known, '^(%d+)|')) >= tonumber(position) then return end
  if known then uncount(member, known) end
  count(member, 1, raw, authentic, disputed)
  redis.call('HSET', rows, member, table.concat({position, raw, authentic, disputed, json}, '|'))
  redis.call('ZADD', hours, hour, member)
  if redis.call('ZCARD', hours) > mostCorrections then
    local oldest = redis.call('ZPOPMIN', hours)[1]
    uncount(oldest, redis.call('HGET', rows, oldest))
    redis.call('HDEL', rows, oldest)
  end
  redis.call('EXPIRE', rows, keep)
  redis.call('EXPIRE', hours, keep)
  redis.call('EXPIRE', totals, keep)
end

local operations = {verdict = verdict, concern = concern, cluster = cluster, correction = correction}
while nextArg <= #ARGV do operations[arg()]() end
redis.call('HSET', KEYS[1], log, whole(to))
return {'applied', to}
`

export const applyScript: Script = { lua, sha: createHash('sha1').update(lua).digest('hex') }

/** Raises the position of a log to one that nothing before will come for any more. */
const raiseLua = `
if tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '0') < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
`

export const raiseScript: Script = { lua: raiseLua, sha: createHash('sha1').update(raiseLua).digest('hex') }
