-- What is refused to lines that still need units.
--
-- Each list is given the numbers of the lines that it is about: there are too few units, the buyer
-- may have no more, or has no turn yet. Tells whether anything is refused.
local function refuse(lines, short, over, closed)
  for number, line in ipairs(lines) do
    if line.available < line.needed then
      short[#short + 1] = number
      short[#short + 1] = line.available
    elseif line.allowed < line.needed then
      over[#over + 1] = number
      over[#over + 1] = line.allowed
    elseif line.is_closed and line.needed > 0 then
      closed[#closed + 1] = number
    end
  end
  return #short > 1 or #over > 1 or closed and #closed > 1
end
