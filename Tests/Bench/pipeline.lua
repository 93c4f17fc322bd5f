-- Writes sixteen requests at once; wrk counts every answer.
function init()
    local requests = {}
    for number = 1, 16 do
        requests[number] = wrk.format("GET", "/healthz")
    end
    batch = table.concat(requests)
end

function request()
    return batch
end
