/** What the page "Activity" says beyond the words of the events. */
export const activityTexts = {
  filters: 'What to show',
  kind: 'About',
  kinds: {
    all: 'Everything',
    auth: 'Sign-in and credentials',
    limits: 'Rate limits',
    connection: 'Connection',
    alerts: 'Alerts and lockdown',
    clients: 'Clients',
    settings: 'Settings and start',
  },
  client: 'Who',
  anyone: 'Everyone',
  range: 'When',
  ranges: { '15min': 'Last 15 minutes', '1h': 'Last hour', today: 'Today', all: 'Since the start' },
  problemsOnly: 'Problems only',
  grouped: 'Put repeated lines together',
  clear: 'Show everything',
  shown: (count: number, total: number) =>
    count === total ? (count === 1 ? '1 event' : `${count} events`) : `${count} of ${total} events`,
  times: (count: number, last: string) => `${count} times, last ${last}`,
  earlier: 'Each of them, newest first',
  unlisted: (count: number) => `and ${count} earlier`,
  more: (count: number) => `${count} older lines are not drawn; choose less above to see them.`,
  fresh: (count: number) => (count === 1 ? '1 new event' : `${count} new events`),
  noMatch: 'Nothing fits',
  noMatchText: 'There are events, but none that you chose to see.',
  whatToDo: (action: string) => `What to do: ${action}`,
  alert: (text: string) => `Security alert: ${text}`,
  alertSeen: (count: number, last: string) =>
    `${count === 1 ? 'Seen once' : `Seen ${count} times`}, last at ${last}. It ends by itself when nothing more is seen.`,
  bounds: (max: number) =>
    `The list begins with the start of MCP Router: what happened before is not in it. It keeps ${max} events; where there are more, the newest of each kind.`,
} as const;
