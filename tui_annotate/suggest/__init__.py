"""Floor 2: who proposes - models of other packages, loaded only when a job names one."""
