/** What the page "Overview" says beyond the state, its facts and its notices. */
export const overviewTexts = {
  traffic: {
    title: (minutes: number) => `The last ${minutes} minutes`,
    runningFor: (duration: string) => `Running for ${duration}`,
    rate: 'Requests',
    perSecond: (rate: string) => `${rate}/s`,
    rateRange: (low: string, high: string) => `Between ${low} and ${high} a second`,
    requests: (count: string, failures: string) =>
      `${count === '1' ? '1 request' : `${count} requests`}${failures === '0' ? '' : `, ${failures} failed`}`,
    rateLabel: (now: string, range: string, sum: string) =>
      `Requests: ${now} a second now. ${range}. ${sum}.`,
    latency: 'Answer time, median',
    milliseconds: (value: string) => `${value} ms`,
    seconds: (value: string) => `${value} s`,
    latencyRange: (low: string, high: string) => `Median between ${low} and ${high}`,
    slow: (p95: string) => `95 % within ${p95}`,
    latencyLabel: (p50: string, p95: string, range: string) =>
      `Answer time: half of the answers within ${p50}, 95 % within ${p95}. ${range}.`,
    noAnswers: 'No answers in this time',
    none: 'No requests yet',
    noneText: 'How many there are, and how fast the answers come, appears here.',
    quiet: (minutes: number) => `No requests in the last ${minutes} minutes`,
  },
  clients: {
    attached: (count: number) => (count === 1 ? '1 client is attached' : `${count} clients are attached`),
    busy: (who: string) => `Busy: ${who}`,
    busyWith: (name: string, count: number) => `${name} (${count} under way)`,
    more: (count: number) => `${count} more`,
    quiet: (who: string) => `None is busy: ${who}`,
    none: 'No client is attached',
    noneText: 'Programs such as Claude Desktop or Cursor are connected under Clients.',
    open: 'Open Clients',
  },
} as const;
