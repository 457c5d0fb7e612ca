a=(0...2000).map{|i| i*7919%1009}.sort; puts a.sum, a.uniq.size
puts (1..30).inject(:*) , 2**200
h=Hash.new(0); "the quick brown fox jumps over the lazy dog".each_char{|c| h[c]+=1}; p h.sort.first(5)
puts "abc".gsub(/b/){|m| m.upcase}
begin; raise ArgumentError,"bad"; rescue => e; puts "rescued #{e.message}"; end
f=Fiber.new{ Fiber.yield 1; 2 } ; p f.resume, f.resume rescue p $!.class
