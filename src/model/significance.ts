/** P-values over this say nothing against anybody: detectors do not report them, and the budget takes no notice. */
export const discardAbove = 0.1
/** From this chance on a finding is grounds for suspicion: it keeps what it concerns out of what is learnt. */
export const suspicious = 1e-3
