-- POSTs the same request over and over: the path is in $BENCH_PATH, the body in $BENCH_BODY.
function init()
    whole = wrk.format("POST", os.getenv("BENCH_PATH"), nil, os.getenv("BENCH_BODY"))
end

function request()
    return whole
end
