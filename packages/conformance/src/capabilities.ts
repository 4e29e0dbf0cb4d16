/**
 * What a connector can do: the `capabilities` of its manifest, which may be passed as they are. What is declared has to work; what is
 * not declared has to be absent as a method and unclaimed in plans.
 */
export interface ConnectorCapabilities {
  readonly pushdown?: {
    readonly filters?: string;
    readonly order?: boolean;
    readonly limit?: string;
    readonly offset?: boolean;
    readonly aggregate?: string;
    readonly sample?: boolean;
  };
  /** Large tables are read in several partitions. */
  readonly partitions?: boolean;
  /** The partitions of one plan agree on one state of the table. */
  readonly snapshot?: boolean;
  readonly statistics?: boolean;
  readonly catalog?: boolean;
  readonly timeTravel?: boolean;
  readonly metadataColumns?: boolean;
  readonly nativeRelation?: string;
  readonly write?: readonly string[];
  readonly mutate?: readonly string[];
  readonly changes?: boolean;
  readonly partitionAdmin?: boolean;
  readonly remote?: boolean;
}
