/** Something that one instance does for all. */
export interface Task {
  /** Whether its state is whole and it is at work. */
  readonly isRestored: boolean
  /** Records that wait for it. */
  readonly lag: number
  stop(): Promise<void>
}
