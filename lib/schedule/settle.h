/* Blocks of one layer for its share of a round's budget. */
#ifndef TRN_SCHEDULE_SETTLE_H
#define TRN_SCHEDULE_SETTLE_H

#include "schedule/joint.h"

/* What a layer may have: so many blocks, or where shapes cost more or less, such a cost. It begins at
 * the blocks that the network has. */
struct trn_pack_goal trn_settle_goal(const struct trn_joint *joint, size_t index, size_t crossbars,
                                     double cost);

/* The layer's share of the budget is known by what was bought, `kept`: packs for just that, with fewer
 * blocks where those hold all there is, and gives the blocks to the network. */
trnnsf_status trn_settle_layer(struct trn_joint *joint, size_t index,
                               const struct trnnsf_matrix *salience, struct trnnsf_clusters *kept);

#endif
