--[[
Take units out of sale for one order until a deadline, all lines or none.

KEYS[5n-4]  stock of line n
KEYS[5n-3]  reservations of line n
KEYS[5n-2]  committed units of line n
KEYS[5n-1]  buyers of line n
KEYS[5n]    visitors of line n: who was let in, by until when
KEYS[last]  reservation of the order (may be left out)
KEYS[next]  guard: a hash whose token decides (may be left out)

ARGV[1]     run id of this server
ARGV[2]     order id
ARGV[3]     buyer, whose units a purchase limit counts
ARGV[4]     lifetime in milliseconds
ARGV[5]     token that the guard must have
ARGV[6..]   units, one per line

Returns
  {"reserved", deadline_ms, epoch, taken, ...}   held until the deadline, where held before until
                                                 the later one; of each line its epoch, units taken
  {"committed"}                                  the order is paid; nothing changed
  {"insufficient", line, available, line, ...}   every short line, counted from 1; nothing taken
  {"limited", line, allowed, line, ...}          every line above what its buyer may have
  {"closed", line, line, ...}                    every line whose buyer has no turn yet
  {"again"}                                      much has run out, some was returned: ask again
  {"unknown", line, line, ...}                   this server was not told of these
  {"guarded"}                                    the guard has another token; nothing changed
A refusal of any of the three kinds drops the guard.

Cost O(lines), and O(1) for each reservation that ran out, each times log of the product's
]]
local server, id, buyer, lifetime_ms, token = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local lines, unknown, now, is_more = look_at_all(6, 5, server, id, buyer)
local reservation, guard = KEYS[5 * #lines + 1], KEYS[5 * #lines + 2]
local deadline_ms = now + lifetime_ms
-- What was moved out is not moved in again by the request that came first.
local until_ms = math.max(deadline_ms, reservation and tonumber(redis.call("GET", reservation)) or 0)
if guard and redis.call("HGET", guard, "token") ~= token then
  return { "guarded" }
elseif #unknown > 1 then
  return unknown
end

for _, line in ipairs(lines) do
  if line.is_committed then
    return { "committed" }
  end
  line.needed = line.is_held and 0 or line.units
end
local short, over, closed = { "insufficient" }, { "limited" }, { "closed" }
if refuse(lines, short, over, closed) then
  give_back_lapsed(lines)
  if guard and not is_more then
    redis.call("DEL", guard)
  end
  return is_more and { "again" } or #short > 1 and short or #over > 1 and over or closed
end

local reply = { "reserved", deadline_ms }
for _, line in ipairs(lines) do
  redis.call("HSET", line.stock, "reserved", line.others + line.units)
  return_lapsed(line.reservations, line.lapsed, line.buyers, line.counts)
  redis.call("ZADD", line.reservations, "GT", deadline_ms, line.own)
  if line.limit > 0 then
    redis.call("HSET", line.buyers, buyer, line.held + line.units)
  end
  if line.has_room and line.needed > 0 then
    redis.call("ZREM", line.visitors, buyer)
  end
  reply[#reply + 1] = line.epoch
  reply[#reply + 1] = line.needed
end
if reservation then
  redis.call("SET", reservation, string.format("%d", until_ms), "PXAT", until_ms)
end
return reply
