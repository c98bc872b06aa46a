/** The looks a person can choose; `system` follows the desktop. */
export const themeChoices = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof themeChoices)[number];

/** What interrupts a person: everything that needs them, security alerts alone, or nothing. */
export const notificationChoices = ['all', 'alerts', 'none'] as const;
export type NotificationChoice = (typeof notificationChoices)[number];

/** How the app itself behaves for this person. Nothing here changes what the router does. */
export interface Preferences {
  readonly theme: ThemeChoice;
  readonly notifications: NotificationChoice;
  /** Started at login, the app stays in the tray. */
  readonly startsHidden: boolean;
}

/** For a person who has chosen nothing. */
export const defaultPreferences: Preferences = { theme: 'system', notifications: 'all', startsHidden: true };

/** Whether the desktop starts the app when the person logs in, as the desktop itself has it. */
export type LoginItem =
  | { readonly kind: 'off' }
  | { readonly kind: 'on' }
  /** It starts another copy of the app. */
  | { readonly kind: 'other-copy'; readonly program: string }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** The preferences with what the desktop says about them. */
export interface AppPreferences extends Preferences {
  readonly login: LoginItem;
}
