/** The grammar of TPC-H's pseudo text (specification, clause 4.2.2.14), with the weights that dbgen gives its words. */

/** Alternatives with their weights. */
export type Weighted = readonly (readonly [text: string, weight: number])[];

/** Kinds of sentences, of noun phrases N, of verb phrases V; P is a preposition with its noun phrase. */
export const SENTENCES: Weighted = [
  ['N V T', 3],
  ['N V P T', 3],
  ['N V N T', 3],
  ['N P V N T', 1],
  ['N P V P T', 1],
];
export const NOUN_PHRASES: Weighted = [
  ['n', 10],
  ['j n', 20],
  ['j, j n', 10],
  ['d j n', 50],
];
export const VERB_PHRASES: Weighted = [
  ['v', 30],
  ['x v', 1],
  ['v d', 40],
  ['x v d', 1],
];

export const NOUNS: Weighted = weigh([
  [40, 'packages,requests,accounts,deposits'],
  [20, 'foxes,ideas,theodolites,pinto beans,instructions'],
  [10, 'dependencies,excuses,platelets,asymptotes'],
  [5, 'courts,dolphins'],
  [1, 'multipliers,sauternes,warthogs,frets,dinos,attainments,somas,Tiresias,patterns,forges,braids,hockey players'],
  [1, 'frays,warhorses,dugouts,notornis,epitaphs,pearls,tithes,waters,orbits,gifts,sheaves,depths,sentiments,decoys'],
  [1, 'realms,pains,grouches,escapades'],
]);
export const VERBS: Weighted = weigh([
  [20, 'sleep,wake,are,cajole,haggle'],
  [10, 'nag,use,boost'],
  [5, 'affix,detect,integrate'],
  [1, 'maintain,nod,was,lose,sublate,solve,thrash,promise,engage,hinder,print,x-ray,breach,eat,grow,impress,mold'],
  [1, 'poach,serve,run,dazzle,snooze,doze,unwind,kindle,play,hang,believe,doubt'],
]);
export const ADJECTIVES: Weighted = weigh([
  [50, 'regular'],
  [40, 'final,ironic'],
  [30, 'even'],
  [20, 'special,pending,unusual,express,bold'],
  [10, 'silent'],
  [1, 'furious,sly,careful,blithe,quick,fluffy,slow,quiet,ruthless,thin,close,dogged,daring,brave,stealthy,permanent'],
  [1, 'enticing,idle,busy'],
]);
export const ADVERBS: Weighted = weigh([
  [50, 'furiously,slyly,carefully'],
  [40, 'blithely'],
  [30, 'quickly'],
  [20, 'fluffily'],
  [1, 'sometimes,always,never,slowly,quietly,ruthlessly,thinly,closely,doggedly,daringly,bravely,stealthily'],
  [1, 'permanently,enticingly,idly,busily,regularly,finally,ironically,evenly,boldly,silently'],
]);
export const PREPOSITIONS: Weighted = weigh([
  [50, 'about,above,according to,across,after'],
  [40, 'against,along'],
  [30, 'alongside of,among'],
  [20, 'around'],
  [10, 'at'],
  [1, 'atop,before,behind,beneath,beside,besides,between,beyond,by,despite,during,except,for,from,in place of,inside'],
  [1, 'instead of,into,near,of,on,outside,over,past,since,through,throughout,to,toward,under,until,up,upon,without'],
  [1, 'with,within'],
]);
export const AUXILIARIES: Weighted = weigh([
  [1, 'do,may,might,shall,will,would,can,could,should,ought to,must,will have to,shall have to,could have to'],
  [1, 'should have to,must have to,need to,try to'],
]);
export const TERMINATORS: Weighted = weigh([
  [50, '.'],
  [1, ';,:,?,!,--'],
]);

function weigh(groups: readonly (readonly [weight: number, words: string])[]): Weighted {
  return groups.flatMap(([weight, words]) => words.split(',').map((word) => [word, weight] as const));
}
