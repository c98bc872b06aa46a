import type { Locator, Page } from 'playwright-core';

/** The window as a person uses it: by names and roles. */
export interface RouterWindow {
  readonly page: Page;
  open(name: 'Overview' | 'Activity' | 'Connection' | 'Clients' | 'Security'): Promise<void>;
  /** Waits until the headline of the overview says this. */
  waitForState(word: string): Promise<void>;
  press(button: string): Promise<void>;
  /** Fills in the form and saves it; waits for nothing. */
  save(input: { readonly url?: string; readonly token?: string }): Promise<void>;
  /** A notice by its title. */
  notice(title: string): Locator;
}

/** Wraps the page of the app's window. */
export function routerWindow(page: Page): RouterWindow {
  const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
  const open: RouterWindow['open'] = async (name) => button(name).click();
  return {
    page,
    open,
    waitForState: async (word) => {
      await open('Overview');
      await page.getByRole('heading', { level: 1, name: word, exact: true }).waitFor();
    },
    press: async (name) => button(name).click(),
    save: async ({ url, token }) => {
      await open('Connection');
      if (url !== undefined) await page.getByLabel('Gateway address').fill(url);
      if (token !== undefined) await page.getByLabel('Token', { exact: true }).fill(token);
      await button('Save and connect').click();
    },
    notice: (title) => page.getByRole('region', { name: title, exact: true }),
  };
}
