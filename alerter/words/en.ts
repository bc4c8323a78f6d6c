// English. Read by words.ts.
import type { Tongue } from './tongue.ts'

const alerts = (count: number): string => (count === 1 ? '1 alert' : `${count} alerts`)

export const en: Tongue = {
  colon: ': ',
  unnamed: 'Alert',
  comma: ', ',
  labels: {
    what: 'What',
    where: 'Where',
    severity: 'Severity',
    since: 'Since',
    lasted: 'Lasted',
    value: 'Value',
    tried: 'Tried',
    worksAgain: 'Works again',
    noData: 'No data',
    more: 'More',
    runbook: 'Runbook',
    incident: 'Incident',
    link: 'Link',
  },
  andMore: count => ` +${count} more`,
  andOthers: count => ` and ${count} more`,
  worksAgain: 'Works again',
  noData: 'No data any more',
  endedApart: (well, unknown) => `${well} ${well === 1 ? 'works' : 'work'} again, ${unknown} unknown`,
  nobodyKnows: 'it stopped coming, so nobody knows whether this works',
  digest: (firing, ended) =>
    [
      ...(firing > 0 ? [`${alerts(firing)} ${firing === 1 ? 'fires' : 'fire'}`] : []),
      ...(ended > 0 ? [`${firing > 0 ? ended : alerts(ended)} ended`] : []),
    ].join(', '),
  truncated: count => `${alerts(count)} that found no place here`,
  since: (start, lasted) => `${start}, ${lasted}`,
  sinceApart: (first, last, lasted) => `${first} to ${last}, the first for ${lasted}`,
  lasted: (start, end, lasted) => `${start} to ${end}, ${lasted}`,
  valueAgainst: (value, threshold) => `${value} (alerts at ${threshold})`,
  range: (low, high) => `${low} to ${high}`,
  units: { day: ' d', hour: ' h', minute: ' min', second: ' s' },
  locale: 'en-GB',
  smsFires: 'Alert',
  smsNotice: 'Notice',
  smsEnded: count => ` (${count} ended)`,
  smsSince: (start, lasted, isFiring) =>
    isFiring ? `Since ${start}, ${lasted}` : `From ${start}, for ${lasted}`,
  smsNumber: incident => `Incident ${incident}`,
  smsAnswer: incident => `Reply "1 ${incident}" to acknowledge`,
  spoken: {
    greeting: 'This is Plimsoll.',
    number: incident => `Incident number ${incident}.`,
    again: 'Once more.',
    press: 'Press 1 to acknowledge.',
    voice: 'en-US',
  },
  canaryTitle: 'Test of the alerting: you can be reached',
  canaryText: 'Sent on schedule to prove that messages arrive. Nothing to do.',
}
