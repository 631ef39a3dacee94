export {
  AbortBody,
  PatchBody,
  PauseBody,
  ResumeBody,
  RetryBody,
  RollbackBody,
  VERB_BODIES,
  VERBS,
  type Verb,
  type VerbKind,
} from '#rollout';
