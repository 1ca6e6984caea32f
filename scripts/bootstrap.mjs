// Sets a clone up: packages as locked, the pinned Node, a Redis server. Plain JavaScript that Node 20 can run.
