/** One figure that real data gave, beside what others measured on the same data. */
export interface RealResult {
  readonly set: string
  readonly figure: string
  /** What assay gives. */
  readonly value: number | string
  /** What a published or a plain method gives, in words; empty where nobody measured it. */
  readonly reference: string
  /** What must be reached, in words; empty where a figure is only told. */
  readonly goal: string
  /** Whether it is reached; undefined without a goal. */
  readonly reached: boolean | undefined
}

/** A figure that is told and gates nothing. */
export function told(set: string, figure: string, value: number | string, reference = ''): RealResult {
  return { set, figure, value, reference, goal: '', reached: undefined }
}
