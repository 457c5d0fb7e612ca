# Golden outputs: what apps and cases print, against what they should.
TEST_PRODUCTS += apps
.PHONY: golden golden-image golden-smp bless
golden: $(BUILD)/anneal apps ## apps, traps and bad input in every tier, hosted
	$(Q)tests/golden/run --hosted
golden-image: $(BUILD)/anneal.elf apps ## the same in the image
	$(Q)tests/golden/run --image
golden-smp: $(BUILD)/anneal.elf apps ## the same in the image, compiled at once and on a second processor
	$(Q)tests/golden/run --smp
bless: $(BUILD)/anneal apps ## rewrite the golden expectations from what the interpreter prints
	$(Q)tests/golden/run --bless
