// How much room for young objects a thread beside the first one has that states no other: as much as the launcher gives the
// first. Called by whoever starts a thread; V8 alone would give it more.
export const threadRoom = { maxYoungGenerationSizeMb: 24 } as const
