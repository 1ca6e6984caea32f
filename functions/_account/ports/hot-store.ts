// Opens the hot store: each owner's keys where they lie, by its own user.

import { OwnerConnections, RedisHotStore } from "@steward/adapters";
import { connector, placeIn, readPlaces } from "../hot-places.ts";
import { once } from "../once.ts";

export const open = once(async () => {
  const { owners } = await readPlaces();
  const connect = await connector();
  return new RedisHotStore(
    new OwnerConnections({
      owners: Object.keys(owners),
      open: (owner) => connect(placeIn(owners, owner)),
      placeOf: (owner) => placeIn(owners, owner).url,
    }),
  );
});
