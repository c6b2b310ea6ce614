-- Texts and a map: lines of n invented words in all, split again and counted.
local MODULUS, WORDS_A_LINE = 1048576, 10

local syllables = {
  "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe",
  "qui", "ro", "su", "ta", "ve", "wi", "xo", "yu", "za", "che", "sti", "tro",
}

local floor, min, concat, gmatch = math.floor, math.min, table.concat, string.gmatch
local seed = 42

local function pick(among)
  seed = (seed * 1597 + 51749) % MODULUS
  return floor(seed * among / MODULUS)
end

local function make_line(words)
  local line = {}
  for w = 1, words do
    local word = ""
    for _ = 1, 1 + pick(3) do word = word .. syllables[1 + pick(#syllables)] end
    line[w] = word
  end
  return concat(line, " ")
end

local n = tonumber(arg[1] or 20000)
local counts, total = {}, 0
for made = 0, n - 1, WORDS_A_LINE do
  for word in gmatch(make_line(min(WORDS_A_LINE, n - made)), "[^ ]+") do
    counts[word] = (counts[word] or 0) + 1
    total = total + 1
  end
end

local words = {}
for word in pairs(counts) do words[#words + 1] = word end
table.sort(words, function(a, b)
  if counts[a] ~= counts[b] then return counts[a] > counts[b] end
  return a < b
end)
print(string.format("%d distinct words of %d", #words, total))
for i = 1, min(10, #words) do print(string.format("%d %s", counts[words[i]], words[i])) end
