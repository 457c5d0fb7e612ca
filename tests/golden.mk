# Golden outputs: what apps and cases print, against what they should.
TEST_PRODUCTS += apps
.PHONY: golden golden-image bless
golden: $(BUILD)/anneal apps ## apps, traps and bad input in every tier, hosted
	$(Q)tests/golden/run --hosted
golden-image: $(BUILD)/anneal.elf apps ## the same in the image
	$(Q)tests/golden/run --image
bless: $(BUILD)/anneal apps ## rewrite the golden expectations from what the interpreter prints
	$(Q)tests/golden/run --bless
