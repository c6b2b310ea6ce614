-- Memory of a long list of integers: grown one by one, then summed.
local n = tonumber(arg[1] or 100000)
local items = {}
for i = 0, n - 1 do items[#items + 1] = i end
local sum = 0
for i = 1, #items do sum = sum + items[i] end
print(string.format("%d items, sum %d", #items, sum))
