import type { FailureCause, TlsFacts } from './status';

/** What an address shows before anything is stored or sent: nothing but a handshake and a try without a credential. */
export interface GatewayLook {
  readonly encryption:
    | { readonly kind: 'plain' }
    | { readonly kind: 'trusted'; readonly facts: TlsFacts }
    /** `facts` is what was presented, which nobody vouches for; null where even that could not be seen. */
    | { readonly kind: 'untrusted'; readonly facts: TlsFacts | null; readonly cause: FailureCause }
    | { readonly kind: 'unseen'; readonly cause: FailureCause };
  readonly answer:
    /** It lets everybody in. */
    | { readonly kind: 'open' }
    | { readonly kind: 'wants-credential' }
    /** A certificate of ours; that is set up in the file or under Credentials. */
    | { readonly kind: 'wants-certificate' }
    | { readonly kind: 'failed'; readonly cause: FailureCause }
    /** It was not asked, because the connection cannot be trusted. */
    | { readonly kind: 'not-asked' };
}

/** A secret that an earlier router on this machine has stored, by name. */
export interface EarlierSecret {
  readonly name: string;
  /** Where it was found, in words. */
  readonly place: string;
}
