import { evaluateNabVolume } from './nab-volume'
import type { VolumeFigures } from './nab-volume'
import type { RealResult } from './result'
import { told } from './result'

/** The figures of the volume series beside those of the detectors that the benchmark published. */
export function* volumeResults(folder: string): Generator<RealResult> {
  const { chosenOn, heldOut, ...all } = evaluateNabVolume(folder)
  yield* volumeOf('series that settings were chosen on', chosenOn)
  yield* volumeOf('held-out series', heldOut)
  const [found, falseEpisodes] = volumeOf('all series', all)
  yield {
    ...found,
    reference: 'ARTime 24, randomCutForest 22, contextOSE 21, numenta 21, twitterADVec 18',
    goal: 'at least 21',
    reached: all.found >= 21,
  }
  yield {
    ...falseEpisodes,
    reference: 'ARTime 33, randomCutForest 70, contextOSE 4, numenta 20, twitterADVec 55',
    goal: 'at most 20',
    reached: all.falseEpisodes <= 20,
  }
}

function volumeOf(part: string, { found, windows, falseEpisodes }: VolumeFigures): [RealResult, RealResult] {
  return [
    told('nab-volume', `${part}: windows found`, `${found} of ${windows}`),
    told('nab-volume', `${part}: false episodes`, falseEpisodes),
  ]
}
