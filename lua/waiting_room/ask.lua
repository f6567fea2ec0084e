--[[
Ask for one's turn: get in line, or keep one's place in it, and let in as many as there are units.

KEYS[1]     stock
KEYS[2]     reservations
KEYS[3]     queue: who waits, by since when in microseconds
KEYS[4]     seen: who waits, by when they asked last in milliseconds
KEYS[5]     visitors: who was let in, by until when in milliseconds
KEYS[6]     pace: how many were let in, by minute

ARGV[1]     run id of this server
ARGV[2]     buyer
ARGV[3]     since when they wait, as they were told; or 0
ARGV[4]     how long a turn lasts, in milliseconds
ARGV[5]     how long a place is kept for who does not ask, in milliseconds

Returns
  {"open"}                             it is not sold from a waiting room
  {"admitted", until_ms}               it is their turn
  {"waiting", since, ahead, in_minute} their place; how many were let in in the last minute
  {"sold_out", since, ahead}           the same, where no unit is left, nor held unpaid
  {"unknown"}                          this server was not told of the product

Cost O(log of who waits) for each who is let in or has gone
]]
local stock, reservations, queue, seen = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local visitors, pace, server, buyer, since = KEYS[5], KEYS[6], ARGV[1], ARGV[2], tonumber(ARGV[3])
local turn_ms, idle_ms, MOST, KEPT_MS = tonumber(ARGV[4]), tonumber(ARGV[5]), 250, 3600000
local known = redis.call("HMGET", stock, "server", "on_hand", "reserved", "committed", "room")
if known[1] ~= server then
  return { "unknown" }
elseif known[5] ~= "1" then
  return { "open" }
end
local now = now_ms()
local held = known[3] - find_lapsed(reservations, now, MOST_LAPSED).units
local available = known[2] - held - known[4]
local gone = redis.call("ZRANGEBYSCORE", seen, "-inf", now - idle_ms, "LIMIT", 0, MOST)
local minute = math.floor(now / 60000)
local counted = redis.call("HMGET", pace, minute, minute - 1)
local until_ms = tonumber(redis.call("ZSCORE", visitors, buyer) or 0)
local place = redis.call("ZSCORE", queue, buyer)

redis.call("ZREMRANGEBYSCORE", visitors, "-inf", now)
if #gone > 0 then
  redis.call("ZREM", seen, unpack(gone))
  redis.call("ZREM", queue, unpack(gone))
end
if until_ms > now then
  return { "admitted", until_ms }
end
if not place or redis.call("ZSCORE", queue, buyer) == false then
  -- Of one millisecond, those who came before are counted.
  local at = now * 1000 + math.min(redis.call("ZCARD", queue), 999)
  place = since > 0 and math.min(since, at) or at
  redis.call("ZADD", queue, place, buyer)
end
redis.call("ZADD", seen, now, buyer)

local free = math.min(available - redis.call("ZCARD", visitors), MOST)
local let_in = free > 0 and redis.call("ZPOPMIN", queue, free) or {}
for first = 1, #let_in, 2 do
  redis.call("ZADD", visitors, now + turn_ms, let_in[first])
  redis.call("ZREM", seen, let_in[first])
end
redis.call("HDEL", pace, minute - 2)
redis.call("HINCRBY", pace, minute, #let_in / 2)
for _, key in ipairs({ queue, seen, visitors, pace }) do
  redis.call("PEXPIRE", key, KEPT_MS)
end
if redis.call("ZSCORE", visitors, buyer) then
  return { "admitted", now + turn_ms }
end
local ahead = redis.call("ZRANK", queue, buyer)
local told = string.format("%.0f", place)
if available <= 0 and held <= 0 then
  return { "sold_out", told, ahead }
end
local in_minute = math.max(tonumber(counted[1] or 0) + #let_in / 2, tonumber(counted[2] or 0))
return { "waiting", told, ahead, in_minute }
