/**
 * How often what happens in the retail set. All are shares (0…1) unless a comment says otherwise. Those under `life` are
 * of people or households, those under `habit` of records, those under `filled` and `dirt` of fields in the five sources.
 */
export const noise = {
  life: {
    /** Households by shape; the average one has 1.8 people older than 13. */
    shape: { single: 0.44, couple: 0.27, family: 0.16, loneParent: 0.05, flatmates: 0.08 },
    /** Children (older than 13) of a family: 1 + as often as this, again and again. */
    anotherChild: 0.4,
    /** Of children, born the same day as the one before. */
    twin: 0.04,
    /** Of twins, whose given names begin with the same letter or are the same but for one. */
    twinSoundsAlike: 0.35,
    /** Of sons, named as the father; and of those, the records of which say Jr. or Sr. */
    namesakeSon: 0.09,
    namesakeDaughter: 0.02,
    saysJunior: 0.3,
    middleName: 0.6,
    /** Of couples: the same surname; the wedding was within the years that the records are of. */
    sameSurname: 0.8,
    weddingInTime: 0.13,
    doubleSurname: 0.15,
    /** Of households and of grown people. */
    move: 0.22,
    childLeaves: 0.3,
    flatInSameHouse: 0.06,
    landline: 0.32,
    newMobile: 0.16,
    /** Of new numbers: somebody else had it before. */
    recycledPhone: 0.06,
    newEmail: 0.2,
    secondEmail: 0.4,
    /** Of households of two and more: one mailbox that any of them gives. */
    familyMailbox: 0.25,
    /** Of grown people: buys with the mailbox of a company, which colleagues use too (`info@`, `sales@`). */
    roleMailbox: 0.025,
    noMobile: 0.08,
    noEmail: 0.06,
  },
  /** Who is where, and with how many records (means are numbers, not shares). */
  channel: {
    account: 0.42,
    secondAccount: 0.06,
    accountOrders: 0.75,
    ordersMean: 2,
    /** Of buyers: with ten times as many orders. */
    heavyBuyer: 0.012,
    guestCheckout: 0.3,
    /** Of orders of somebody who has an account. */
    notLoggedIn: 0.25,
    /** Of orders with login that are no gifts: the form was filled from the account, so they have its slips and no others. */
    formFilledIn: 0.5,
    loyalty: 0.36,
    secondCard: 0.06,
    newsletter: 0.3,
    secondSubscription: 0.08,
    storeContact: 0.25,
    storeContactsMean: 1.5,
    /** Minors and the old are customers less often: everything above times this. */
    childFactor: 0.45,
  },
  habit: {
    /** Of orders: sent to somebody else; and of those to one of the own household; with the recipient's phone. */
    gift: 0.065,
    giftWithinHousehold: 0.3,
    giftHasRecipientsPhone: 0.5,
    /** Of orders: collected in a store, whose address stands there. */
    storeAddress: 0.035,
    givesFamilyMailbox: 0.3,
    givesSecondEmail: 0.25,
    givesRoleMailbox: 0.5,
    /** Of children's records. */
    givesParentsEmail: 0.3,
    givesParentsPhone: 0.35,
    givesPartnersPhone: 0.06,
    /** Of records with a phone in a household with a landline; on paper forms more often. */
    givesLandline: 0.2,
    givesLandlineOnPaper: 0.5,
    /** Of store contacts and cards: the clerk puts in the shop's own number, or address. */
    shopPhone: 0.03,
    shopAddress: 0.015,
    /** Of records before a new address, name, mailbox or number: that somebody still gives the old one afterwards. */
    givesOld: 0.15,
    /** Rows of people who try the systems, for each record. */
    staffTest: 0.002,
  },
  /** Of records: the field is filled in at all. */
  filled: {
    webshop: { given: 0.97, surname: 0.96, phone: 0.6, birthdate: 0.35, address: 0.7 },
    orders: { given: 0.99, surname: 0.99, phone: 0.5, address: 0.985 },
    loyalty: { given: 0.97, surname: 0.98, phone: 0.75, birthdate: 0.7, address: 0.85, email: 0.35 },
    newsletter: { given: 0.45, surname: 0.12 },
    store: { given: 0.93, surname: 0.9, phone: 0.72, city: 0.7, email: 0.18 },
  },
  /** Of values: spoilt in this way. In the order of {@link sources}. */
  dirt: {
    nickname: [0.09, 0.06, 0.08, 0.2, 0.2],
    initial: [0.02, 0.04, 0.06, 0.01, 0.07],
    middle: [0.06, 0.05, 0.12, 0.02, 0.03],
    transposed: [0.012, 0.008, 0.02, 0, 0.03],
    keySlip: [0.025, 0.025, 0.02, 0.02, 0.035],
    scanError: [0, 0, 0.05, 0, 0],
    hearingError: [0, 0, 0.02, 0, 0.07],
    plainLetters: [0.4, 0.4, 1, 0.5, 0.7],
    mojibake: [0, 0.01, 0, 0.05, 0.04],
    lowerCase: [0.06, 0.08, 0, 0.15, 0.05],
    upperCase: [0.02, 0.03, 0.35, 0.02, 0.1],
    junkName: [0.004, 0.002, 0.003, 0.006, 0.012],
    emailSlip: [0.008, 0.02, 0.05, 0.012, 0.05],
    plusTag: [0.02, 0.01, 0, 0.03, 0],
    gmailDots: [0.02, 0.02, 0.02, 0.03, 0.02],
    junkEmail: [0.002, 0.004, 0.02, 0.001, 0.03],
    phoneSlip: [0.015, 0.02, 0.035, 0, 0.03],
    junkPhone: [0.02, 0.025, 0.01, 0, 0.015],
    dateSlip: [0.03, 0, 0.06, 0, 0],
    junkDate: [0.04, 0, 0.03, 0, 0],
    streetSlip: [0.03, 0.03, 0.08, 0, 0],
    zipSlip: [0.015, 0.015, 0.03, 0, 0],
    citySlip: [0.02, 0.02, 0.04, 0, 0.05],
    /** Of records: only one field of all is left. */
    oneField: [0.004, 0.001, 0.012, 0, 0.025],
  },
} as const;

export const sources = ["webshop", "orders", "loyalty", "newsletter", "store"] as const;
export type Source = (typeof sources)[number];
