-- What bench/ gives wrk to run: it sends requests in batches, and reports in numbers instead of the
-- text for people. Its one argument says how many requests make a batch.

function init(arguments)
  local depth = tonumber(arguments[1]) or 1
  -- A request function makes wrk call Lua for every batch, so without batches there is none.
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
