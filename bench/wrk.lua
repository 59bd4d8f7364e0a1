-- The wrk script of bench/: sends requests in batches, and prints a summary for programs. Its one
-- argument is the number of requests in a batch.

function init(arguments)
  local depth = tonumber(arguments[1]) or 1
  -- With a request function wrk calls Lua for every batch, so define it only if needed.
  if depth > 1 then
    local batch = string.rep(wrk.format(), depth)
    request = function() return batch end
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  print(string.format(
    "SUMMARY requests=%d bytes=%d microseconds=%d p99=%d " ..
    "connect=%d read=%d write=%d status=%d timeout=%d",
    summary.requests, summary.bytes, summary.duration, latency:percentile(99),
    errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
