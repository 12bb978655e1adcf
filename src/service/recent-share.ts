/** The share of something among the latest thousands of records: older ones count less and less. */
export class RecentShare {
  private records = 0
  private among = 0

  note(isAmong: boolean): void {
    if (this.records >= recent) {
      this.records /= 2
      this.among /= 2
    }
    this.records++
    if (isAmong) this.among++
  }

  /** 0 while there are too few records to speak of a share. */
  get share(): number {
    return this.records < enough ? 0 : this.among / this.records
  }
}

const recent = 10_000
const enough = 100
