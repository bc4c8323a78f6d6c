// A set of series by their numbers: a byte for each number up to the highest. Filled by present.ts and at the start of
// the store; hot, as it sees every entry of every index.

export class Marks {
  all = new Uint8Array(1_024)

  set(id: number): void {
    if (id >= this.all.length) {
      const larger = new Uint8Array(Math.max(id + 1, this.all.length * 2))
      larger.set(this.all)
      this.all = larger
    }
    this.all[id] = 1
  }

  has(id: number): boolean {
    return this.all[id] === 1
  }
}
