-- Who calls: a key in x-api-key, known by its SHA-256, or a token that the filter before this one has verified.
-- CLIENTS (hash -> name) is put before this text.
local band, bxor, bnot, rshift, ror, tobit = bit.band, bit.bxor, bit.bnot, bit.rshift, bit.ror, bit.tobit
local MAX_KEY = 256

local K = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
}

local function padded(text)
  local bits = #text * 8
  local zeros = (55 - #text) % 64
  return text .. "\128" .. string.rep("\0", zeros + 4) ..
    string.char(band(rshift(bits, 24), 255), band(rshift(bits, 16), 255), band(rshift(bits, 8), 255), band(bits, 255))
end

local function schedule(text, offset)
  local w = {}
  for i = 0, 15 do
    local a, b, c, d = text:byte(offset + i * 4, offset + i * 4 + 3)
    w[i] = tobit(a * 0x1000000 + b * 0x10000 + c * 0x100 + d)
  end
  for i = 16, 63 do
    local x, y = w[i - 15], w[i - 2]
    local s0 = bxor(ror(x, 7), ror(x, 18), rshift(x, 3))
    local s1 = bxor(ror(y, 17), ror(y, 19), rshift(y, 10))
    w[i] = tobit(w[i - 16] + s0 + w[i - 7] + s1)
  end
  return w
end

local function compress(state, w)
  local a, b, c, d, e, f, g, h = unpack(state)
  for i = 0, 63 do
    local s1 = bxor(ror(e, 6), ror(e, 11), ror(e, 25))
    local t1 = tobit(h + s1 + bxor(band(e, f), band(bnot(e), g)) + K[i + 1] + w[i])
    local s0 = bxor(ror(a, 2), ror(a, 13), ror(a, 22))
    local t2 = tobit(s0 + bxor(band(a, b), band(a, c), band(b, c)))
    h, g, f, e, d, c, b, a = g, f, e, tobit(d + t1), c, b, a, tobit(t1 + t2)
  end
  for i, value in ipairs({ a, b, c, d, e, f, g, h }) do
    state[i] = tobit(state[i] + value)
  end
end

local function sha256(text)
  local state = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  }
  local message = padded(text)
  for offset = 1, #message, 64 do
    compress(state, schedule(message, offset))
  end
  for i = 1, 8 do
    state[i] = bit.tohex(state[i])
  end
  return table.concat(state)
end

-- A subject becomes a header and a bucket's name: what is long or not plain becomes its hash, never something shorter.
local function of_token(handle)
  local verified = handle:streamInfo():dynamicMetadata():get("envoy.filters.http.jwt_authn")
  local subject = verified and verified["claims"] and verified["claims"]["sub"]
  if type(subject) ~= "string" or subject == "" then
    return nil
  end
  local plain = #subject <= 128 and not subject:find("[^%w%-%._@|]")
  return "token:" .. (plain and subject or "sha256:" .. sha256(subject))
end

local function caller(handle)
  local headers = handle:headers()
  local keys = headers:getNumValues("x-api-key")
  if keys == 0 then
    return of_token(handle)
  end
  local key = headers:get("x-api-key")
  return keys == 1 and #key <= MAX_KEY and CLIENTS[sha256(key)] or nil
end

function envoy_on_request(handle)
  local headers = handle:headers()
  -- Envoy joins two host headers by a comma; RFC 9112 3.2 asks for a refusal.
  if (headers:get(":authority") or ""):find("[^%w%.%-:%[%]]") then
    handle:respond({ [":status"] = "400" }, "")
    return
  end
  -- Envoy lets a request pass whose script fails.
  local ran, client = pcall(caller, handle)
  headers:remove("x-api-key")
  headers:remove("authorization")
  if not ran or not client then
    handle:respond({ [":status"] = "401" }, "")
    return
  end
  headers:replace("x-client-id", client)
end
