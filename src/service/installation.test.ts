import { loadSettings } from '../settings/load-settings'
import { contractTopics } from '../settings/service-settings'
import type { TopicKind } from '../settings/service-settings'
import { feedbackPlaceOf } from './installation'

function placeIn(topics: Readonly<Record<string, TopicKind>>): (topic: string) => string {
  const env = { ASSAY_BROKERS: 'b:9092', ASSAY_KAFKA_TOPICS: JSON.stringify(topics) }
  const settings = loadSettings(undefined, env)
  return (topic) => feedbackPlaceOf(settings, topic)
}

describe('feedback', () => {
  it('is taken from the topic that is set for it, and from no other', () => {
    const place = placeIn({ ...contractTopics, everything: 'mixed' })
    expect(place('enforcement.feedback')).toBe('alone')
    expect(['engagement.click', 'everything', 'assay.policies'].map(place)).toEqual(['none', 'none', 'none'])
  })

  it('may lie among events of all kinds where no topic is set for it', () => {
    const place = placeIn({ everything: 'mixed', clicks: 'click' })
    expect(['everything', 'clicks', 'assay.policies'].map(place)).toEqual(['among-others', 'none', 'none'])
  })
})
