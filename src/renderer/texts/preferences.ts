/** What the card "This app" says. */
export const preferencesTexts = {
  title: 'This app',
  theme: 'Theme',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
  notifications: 'Notifications',
  notificationsText: 'What may interrupt you. Everything is in the window as well.',
  notificationChoices: { all: 'What needs you', alerts: 'Security alerts', none: 'None' },
  login: 'Start at login',
  loginText: 'The router is there before your clients ask for it.',
  loginOther: (program: string) =>
    `Another copy starts at login now: ${program}. Switch on to start this one in its place.`,
  loginUnavailable: (reason: string) => `Not possible here: ${reason}.`,
  hidden: 'Start hidden',
  hiddenText: 'At login it stays in the tray; the window opens where there is no tray.',
  notKept: 'That could not be kept',
} as const;
