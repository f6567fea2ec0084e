--[[
Turn a paid order's reserved units into committed ones, which never expire.

What has expired is taken again where the units are still there, all lines or none.

KEYS[4n-3]  stock of line n
KEYS[4n-2]  reservations of line n
KEYS[4n-1]  committed units of line n
KEYS[4n]    buyers of line n
KEYS[last]  reservation of the order (may be left out)

ARGV[1]     run id of this server
ARGV[2]     order id
ARGV[3]     buyer, whose units a purchase limit counts
ARGV[4..]   units, one per line

Returns
  {"committed", epoch, ...}                      every line is committed, now or since before
  {"insufficient", line, available, line, ...}   every short line, counted from 1; nothing taken
  {"limited", line, allowed, line, ...}          every line above what its buyer may have
  {"again"}                                      much has run out, some was returned: ask again
  {"unknown", line, line, ...}                   this server was not told of these

Cost O(lines), and O(1) for each reservation that ran out, each times log of the product's
]]
local server, id, buyer = ARGV[1], ARGV[2], ARGV[3]
local lines, unknown, _, is_more = look_at_all(4, 4, server, id, buyer)
local reservation = KEYS[4 * #lines + 1]
if #unknown > 1 then
  return unknown
end

for _, line in ipairs(lines) do
  line.needed = (line.is_held or line.is_committed) and 0 or line.units
end
local short, over = { "insufficient" }, { "limited" }
if refuse(lines, short, over) then
  give_back_lapsed(lines)
  return is_more and { "again" } or #short > 1 and short or over
end

local reply = { "committed" }
for _, line in ipairs(lines) do
  local added = line.is_committed and 0 or line.units
  redis.call("ZREM", line.reservations, line.own)
  return_lapsed(line.reservations, line.lapsed, line.buyers, line.counts)
  redis.call("HSET", line.stock, "reserved", line.others, "committed", line.paid + added)
  if added > 0 then
    redis.call("HSET", line.committed, id, added)
  end
  if line.limit > 0 then
    redis.call("HSET", line.buyers, buyer, line.held + added)
  end
  reply[#reply + 1] = line.epoch
end
if reservation then
  redis.call("DEL", reservation)
end
return reply
