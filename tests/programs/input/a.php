<?php
$a=[]; for($i=0;$i<2000;$i++) $a[]=($i*7919)%1009; sort($a); echo md5(json_encode($a)),"\n", crc32(implode(",",$a)),"\n", preg_replace('/(\d)(\d)/','$2$1',"12 34 56"),"\n";
printf("%.10f %s\n", sqrt(2), strrev("anneal")); echo sha1(str_repeat("x",10000)),"\n";
