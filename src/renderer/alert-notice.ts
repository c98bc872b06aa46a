import { alertTexts, type Alert } from '../shared/model/alerts';
import type { Notice } from './notices';
import { activityTexts } from './texts/activity';
import { clockTime } from './time-words';

/** What detection has seen, what to do, and when it was seen last. */
export const alertNotice = ({ rule, count, seenAt }: Alert): Notice => ({
  id: rule,
  tone: 'danger',
  title: activityTexts.alert(alertTexts[rule].text),
  text: activityTexts.whatToDo(alertTexts[rule].action),
  nextStep: activityTexts.alertSeen(count, clockTime(seenAt)),
  details: [],
  page: null,
});
