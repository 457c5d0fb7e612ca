import hashlib, json, re, zlib
a=sorted(i*7919%1009 for i in range(2000)); print(sum(a), len(set(a)), 2**200)
print(hashlib.sha256(json.dumps(a).encode()).hexdigest(), zlib.crc32(str(a).encode()))
print(re.sub(r'(\d)(\d)', r'\2\1', '12 34 56'))
try: 1//0
except ZeroDivisionError as e: print('caught', e)
