-- Small integers in small arrays: for every order of n pancakes, flip the
-- top ones (as many as the first says) until the first is 0; count the flips.
-- The pancakes are numbered from 1 here, so that one names its own place.
local function fannkuch(n)
  local order, pile, left = {}, {}, {} -- left: rotations left to do in each prefix
  for i = 1, n do
    order[i] = i
    left[i] = i
  end
  local checksum, most, sign = 0, 0, 1
  while true do
    if order[1] ~= 1 then
      for i = 1, n do pile[i] = order[i] end
      local flips = 0
      local top = pile[1]
      while top ~= 1 do
        local i, j = 1, top
        while i < j do
          pile[i], pile[j] = pile[j], pile[i]
          i = i + 1
          j = j - 1
        end
        flips = flips + 1
        top = pile[1]
      end
      if flips > most then most = flips end
      checksum = checksum + sign * flips
    end
    sign = -sign
    -- The next order: rotate the shortest prefix that has a rotation left.
    local last = 2
    while last <= n do
      local first = order[1]
      for i = 1, last - 1 do order[i] = order[i + 1] end
      order[last] = first
      left[last] = left[last] - 1
      if left[last] > 0 then break end
      left[last] = last
      last = last + 1
    end
    if last > n then return checksum, most end
  end
end

local n = tonumber(arg[1] or 8)
local checksum, most = fannkuch(n)
print(string.format("checksum %d, most flips for %d: %d", checksum, n, most))
